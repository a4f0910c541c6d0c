#!/bin/sh
# Installs the Doorward agent on this machine (Linux with systemd, or macOS) and pairs it.
#   curl -fsS @SERVER@/pair.sh | sudo sh
# It asks for the installation key. Without a terminal: DOORWARD_AGENT_KEY_FILE=FILE, or DOORWARD_AGENT_KEY=KEY in its environment.
# Other settings: DOORWARD_AGENT_NAME, DOORWARD_AGENT_CA=FILE, DOORWARD_AGENT_WAIT=SECONDS, DOORWARD_AGENT_ON_FIRST_BOOT=yes (for an image).
set -eu

server='@SERVER@'
# What programs of this server are signed with (ECDSA, P-256). Compare it with the page "Pair an agent".
signer='@KEY@'
# SHA-256 of the programs, for machines without openssl.
digests='@DIGESTS@'

main() {
  [ "$(id -u)" = 0 ] || stop 'run it as root: the agent is installed for the whole machine'
  command -v curl >/dev/null || stop 'curl is needed to fetch the agent'
  case "$(uname -s)" in
    Linux) os=linux bin=/usr/local/bin/doorward-agent state=/var/lib/doorward-agent ;;
    Darwin) os=macos bin=/usr/local/bin/doorward-agent state='/Library/Application Support/doorward-agent' ;;
    *) stop "there is no agent for $(uname -s)" ;;
  esac
  case "$(uname -m)" in
    x86_64 | amd64) arch=x86_64 ;;
    aarch64 | arm64) arch=aarch64 ;;
    *) stop "there is no agent for $(uname -m)" ;;
  esac
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
  fetch_program
  check_program
  mkdir -p "$(dirname "$bin")"
  install -m 0755 "$work/doorward-agent" "$bin.new"
  mv "$bin.new" "$bin"
  pair
  start_service
}

stop() {
  echo "pair.sh: $1" >&2
  exit 1
}

fetch() {
  if [ -n "${DOORWARD_AGENT_CA:-}" ]; then set -- "$@" --cacert "$DOORWARD_AGENT_CA"; fi
  curl -sS "$@"
}

fetch_program() {
  address="$server/agents/$os-$arch/doorward-agent"
  status=$(fetch -o "$work/doorward-agent" -w '%{http_code}' "$address") || stop "could not fetch $address"
  if [ "$status" != 200 ]; then
    cat "$work/doorward-agent" >&2
    stop "the server has no agent for $os-$arch ($status)"
  fi
  fetch -f -o "$work/signature" "$address.sig" || stop "could not fetch $address.sig"
}

# INVARIANT: nothing is installed that neither the signature nor the digest vouches for.
check_program() {
  if command -v openssl >/dev/null; then
    { echo '-----BEGIN PUBLIC KEY-----' && echo "$signer" | fold -w 64 && echo '-----END PUBLIC KEY-----'; } >"$work/signer.pem"
    openssl dgst -sha256 -verify "$work/signer.pem" -signature "$work/signature" "$work/doorward-agent" >/dev/null ||
      stop 'the signature of the agent is not right: it changed on the way, or this script is of another server'
    echo 'The signature of the agent is right.'
    return
  fi
  wanted=$(printf '%s\n' "$digests" | sed -n "s/^$os-$arch //p")
  if command -v sha256sum >/dev/null; then
    found=$(sha256sum "$work/doorward-agent")
  else
    found=$(shasum -a 256 "$work/doorward-agent")
  fi
  if [ -z "$wanted" ] || [ "${found%% *}" != "$wanted" ]; then stop 'the digest of the agent is not right: it changed on the way'; fi
  echo 'The digest of the agent is right (there is no openssl here to check its signature with).'
}

pair() {
  stands=$("$bin" status --state "$state" 2>/dev/null) || true
  case "${DOORWARD_AGENT_KEY_FILE:-}${DOORWARD_AGENT_KEY:-}:$stands" in
    :active* | :waiting*)
      echo "This machine is paired already: $stands"
      return
      ;;
  esac
  set -- pair --server "$server" --state "$state"
  if [ -n "${DOORWARD_AGENT_NAME:-}" ]; then set -- "$@" --name "$DOORWARD_AGENT_NAME"; fi
  if [ -n "${DOORWARD_AGENT_CA:-}" ]; then set -- "$@" --ca "$DOORWARD_AGENT_CA"; fi
  if [ -n "${DOORWARD_AGENT_WAIT:-}" ]; then set -- "$@" --wait "$DOORWARD_AGENT_WAIT"; fi
  if [ "${DOORWARD_AGENT_ON_FIRST_BOOT:-}" = yes ]; then set -- "$@" --on-first-boot; fi
  if [ -n "${DOORWARD_AGENT_KEY_FILE:-}" ]; then set -- "$@" --key-file "$DOORWARD_AGENT_KEY_FILE"; fi
  if [ -n "${DOORWARD_AGENT_KEY_FILE:-}${DOORWARD_AGENT_KEY:-}" ]; then
    "$bin" "$@" </dev/null
  # The script itself may be what comes in on stdin; the key is typed at the terminal. That one is there may be seen only by opening it.
  elif (: </dev/tty) 2>/dev/null; then
    "$bin" "$@" </dev/tty
  else
    stop 'there is no terminal to type the installation key at: set DOORWARD_AGENT_KEY_FILE'
  fi
}

start_service() {
  case "$os" in
    linux) start_systemd ;;
    macos) start_launchd ;;
  esac
}

start_systemd() {
  # sd_booted(3)
  if [ ! -d /run/systemd/system ]; then
    echo "No systemd runs here. Let your own init start: $bin run --state $state"
    return
  fi
  cat >/etc/systemd/system/doorward-agent.service <<EOF
[Unit]
Description=Doorward agent
Wants=network-online.target
After=network-online.target

[Service]
ExecStart=$bin run --state $state
Restart=on-failure
RestartSec=60
StateDirectory=doorward-agent
StateDirectoryMode=0700
NoNewPrivileges=yes
ProtectSystem=strict
ProtectHome=read-only
PrivateTmp=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX AF_NETLINK
MemoryMax=64M

[Install]
WantedBy=multi-user.target
EOF
  systemctl daemon-reload
  systemctl enable doorward-agent
  # An image's own machine is not to pair; one that runs an older program begins anew with this one.
  if [ "${DOORWARD_AGENT_ON_FIRST_BOOT:-}" != yes ]; then systemctl restart doorward-agent; fi
}

start_launchd() {
  job=/Library/LaunchDaemons/example.doorward.agent.plist
  cat >"$job" <<EOF
<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0"><dict>
<key>Label</key><string>example.doorward.agent</string>
<key>ProgramArguments</key><array><string>$bin</string><string>run</string><string>--state</string><string>$state</string></array>
<key>RunAtLoad</key><true/>
<key>KeepAlive</key><dict><key>SuccessfulExit</key><false/></dict>
<key>ThrottleInterval</key><integer>60</integer>
</dict></plist>
EOF
  chmod 0644 "$job"
  if [ "${DOORWARD_AGENT_ON_FIRST_BOOT:-}" = yes ]; then return; fi
  launchctl bootout system "$job" 2>/dev/null || true
  launchctl bootstrap system "$job"
}

# Nothing ran before this line: a script that came only in part does nothing.
main
