#!/bin/sh
# A gate in an ingest pipeline, without a line of Python: the exit code decides, the report is kept beside the file.
#
#   examples/gate.sh INCOMING ACCEPTED REVIEW REJECTED
#
# 0: all were accepted; 3: somebody should look at one; 1: one is rejected, or could not be looked at.
set -eu
incoming=$1 accepted=$2 review=$3 rejected=$4
mkdir -p "$accepted" "$review" "$rejected"
worst=0
for file in "$incoming"/*; do
    [ -f "$file" ] || continue
    name=$(basename "$file")
    report=$(mktemp)
    code=0
    provenance verify --json "$file" > "$report" || code=$?
    case $code in
        0) place=$accepted ;;
        3) place=$review; [ $worst -eq 1 ] || worst=3 ;;
        1 | 5) place=$rejected; worst=1 ;;
        # The settings, a trust list, the disk: nothing is wrong with this file, and the next one would fail too.
        *) rm -f "$report"; exit "$code" ;;
    esac
    # The report first: a file that has moved on has one.
    mv "$report" "$place/$name.json"
    mv "$file" "$place/$name"
done
exit $worst
