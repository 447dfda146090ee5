"""Whether a certificate has been revoked (OCSP, RFC 6960): ask, and check what is answered."""
