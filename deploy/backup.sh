#!/usr/bin/env bash
# A checked copy of the database beside the running bot, and the newest few of them kept.
#   deploy/backup.sh FOLDER [HOW_MANY]      from cron or a timer, for example once a day; 14 copies unless said otherwise
# PAPER_ROUND names the program where it is not on the PATH; DATA_DIR or DATABASE_URL say where the database is.
set -euo pipefail
folder=${1:?"name the folder that the copies go to"}
keep=${2:-14}
[[ $keep =~ ^[1-9][0-9]*$ ]] || { echo "backup.sh: $keep is no number of copies" >&2; exit 2; }
umask 077
[[ $folder == /* ]] || folder=./$folder # so that a name such as -x is no option
if [[ ! -d $folder ]]; then
    mkdir -p "$folder"
    trap 'rmdir --ignore-fail-on-non-empty "$folder"' ERR # nothing is left of a first run that fails
fi
copy="$folder/paper-round-$(date -u +%Y-%m-%dT%H%M%S).db"
"${PAPER_ROUND:-paper-round}" backup "$copy"
# The names sort by time; what is older than the newest few goes.
mapfile -t copies < <(find "$folder" -maxdepth 1 -name 'paper-round-*.db' | sort -r)
for old in "${copies[@]:$keep}"; do
    rm -- "$old"
done
