#!/bin/sh
# A command of the bot with the settings, the data and the user of the service, as root:
#   deploy/as-the-service.sh check      likewise ask, sync, import, reindex and digest
exec systemd-run --quiet --pipe --wait --collect \
    --property=User=paper-round --property=DynamicUser=yes --property=UMask=0077 \
    --property=StateDirectory=paper-round --property=StateDirectoryMode=0750 \
    --property=WorkingDirectory=/var/lib/paper-round --property=EnvironmentFile=/etc/paper-round.env \
    --setenv=DATA_DIR=/var/lib/paper-round \
    /opt/paper-round/.venv/bin/paper-round "$@"
