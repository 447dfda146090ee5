"""What several tests need: certificates, files and small media, made when asked for."""
