#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Two MC systems as real processes on loopback: alpha, where groups are defined, and bravo, a field
# gateway. Pushes, pulls, cuts the link, heals it, kills the gateway. Each step is verified by what
# the programs themselves say; the exit code is not 0 if one was not as it should be.
set -u

project=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
bin=${BIVOUAC_BIN:-$project/build/bin}
work=$(mktemp -d)
pids=()
wire_pid=
fire1=sip:fire-1@alpha.example
fire2=sip:fire-2@alpha.example

clean_up() {
  ((${#pids[@]} > 0)) && kill "${pids[@]}" 2>/dev/null
  wait 2>/dev/null
  rm -rf "$work"
}
trap clean_up EXIT

say() { printf '%s\n' "$*"; }
verified() { say "   ok  $*"; }
fail() {
  say "   NOT AS IT SHOULD BE: $*"
  tail -n 5 "$work"/*.log
  exit 1
}

alpha() { "$bin/bivouac" "$@" --config "$work/alpha.toml" 2>>"$work/commands.log"; }
bravo() { "$bin/bivouac" "$@" --config "$work/bravo.toml" 2>>"$work/commands.log"; }

# has TEXT KEY VALUE: the JSON has that key with that value, in a line of its own.
has() { grep -qE "^ *\"$2\": \"?$3\"?,?\$" <<<"$1"; }
# part NAME: only that object of the JSON on standard input.
part() { sed -n "/^  \"$1\": {/,/^  }/p"; }

# within SECONDS WHAT COMMAND...: tries again until it holds.
within() {
  local deadline=$((SECONDS + $1)) what=$2
  shift 2
  until "$@" >/dev/null; do
    ((SECONDS < deadline)) || fail "$what"
    sleep 0.1
  done
}

link_is() { has "$("$1" status --json)" up "$2"; }
at_bravo() { has "$(bravo group show "$1" --json)" "$2" "$3"; }
told_to_bravo() { has "$(alpha group show "$1" --json)" acknowledged_revision "$2"; }

free_port() {
  local port
  while :; do
    port=$((20000 + RANDOM % 40000))
    (: </dev/tcp/127.0.0.1/$port) 2>/dev/null || break
  done
  printf '%s' "$port"
}

# configure NAME OTHER LISTEN ADDRESSES-OF-OTHER, and more sections on standard input
configure() {
  cat >"$work/$1.toml" <<TOML
[system]
id = "sip:$1.example"
clock = "trusted"
[listen]
addresses = [$3]
[tls]
certificate = "pki/$1.crt"
key = "pki/$1.key"
ca = "pki/ca.crt"
crl = "pki/ca.crl"
[store]
data_dir = "$1/data"
runtime_dir = "$1/run"
[[partner]]
system_id = "sip:$2.example"
addresses = [$4]
users = ["sip:*@$2.example"]
groups = ["sip:*@$2.example"]
TOML
  cat >>"$work/$1.toml"
}

group_file() { # NAME PRIORITY MEMBER...
  local name=$1 priority=$2 member
  shift 2
  printf 'group_id = "sip:%s@alpha.example"\nservices = ["mcptt"]\n' "$name"
  printf 'group_priority = %d\n' "$priority"
  for member in "$@"; do printf '[[member]]\nmc_service_id = "sip:%s.example"\n' "$member"; done
}

start() {
  "$bin/bivouac" run --config "$work/$1.toml" >>"$work/$1.log" 2>&1 &
  last_pid=$!
  disown
  pids+=("$last_pid")
}

# ---- two MC systems, a PKI, and a wire between them that can be cut

if [[ ! -x $bin/tcp_cutter ]]; then
  cmake --build "$bin/.." --target tcp_cutter >"$work/build.log" 2>&1 ||
    fail "tcp_cutter cannot be built"
fi
port=$(free_port)
"$bin/tcp_cutter" 0 "$port" >"$work/wire.port" &
wire_pid=$!
disown
pids+=("$wire_pid")
within 5 "the wire does not come up" test -s "$work/wire.port"

pki() { "$bin/bivouac" pki "$@" >>"$work/commands.log" 2>&1 || fail "pki $*"; }
pki init "$work/pki"
pki issue "$work/pki" --system sip:alpha.example --out alpha
pki issue "$work/pki" --system sip:bravo.example --out bravo
configure alpha bravo "\"127.0.0.1:$port\"" "" <<'TOML'
[partner.rights]
request = ["sip:*@alpha.example"]
receive = ["sip:*@alpha.example"]
[partner.exposure]
hide_members_of_others = true
TOML
configure bravo alpha "" "\"127.0.0.1:$(cat "$work/wire.port")\"" <<'TOML'
[partner.rights]
provide = ["sip:*@alpha.example"]
[[partner.overlay]]
groups = "sip:fire-*@alpha.example"
group_priority = 200
TOML
alpha check-config >/dev/null || fail "the configuration of alpha"
bravo check-config >/dev/null || fail "the configuration of bravo"
start alpha
start bravo
bravo_pid=$last_pid
within 20 "bravo does not reach alpha" link_is bravo true
within 5 "alpha does not see bravo" link_is alpha true
say "1. alpha, where groups are defined, and bravo, a field gateway, are linked by mutual TLS 1.3."
has "$(bravo status --json)" tls_version TLSv1.3 || fail "the link is not TLS 1.3"
verified "both say that the link is up"

say "2. An administrator of alpha defines the group fire-1. Its member ben is a user of bravo, so"
say "   alpha provides it to bravo by rule (10.2.7.2 step 1), without alpha's own members (NOTE 3)."
group_file fire-1 5 ada@alpha ben@bravo >"$work/fire-1.toml"
alpha group import "$work/fire-1.toml" >/dev/null || fail "import of fire-1"
within 10 "bravo has not got fire-1" at_bravo $fire1 exposed_revision 1
shown=$(bravo group show $fire1 --json)
has "$(part original <<<"$shown")" group_priority 5 || fail "the original's priority"
has "$(part effective <<<"$shown")" group_priority 200 || fail "bravo's overlay"
grep -q 'sip:ben@bravo' <<<"$shown" || fail "bravo does not see its own member"
grep -q 'sip:ada@alpha' <<<"$shown" && fail "bravo sees a member of alpha"
verified "bravo keeps the original (priority 5) and its own overlay (200) apart (steps 2, 3)"
sed -n '/"services_notified"/,/]/p' <<<"$shown" | grep -q mcptt ||
  fail "no MC service server holds fire-1"
within 5 "alpha has no answer" told_to_bravo $fire1 1
verified "bravo's MC service server was notified (step 4); alpha knows that it is stored (step 5)"

say "3. Nobody of bravo is a member of fire-2, so it is not pushed. bravo's MC service server asks"
say "   for it (10.2.7.3 steps 1, 2); alpha provides what bravo may see (step 3)."
group_file fire-2 6 ada@alpha >"$work/fire-2.toml"
alpha group import "$work/fire-2.toml" >/dev/null || fail "import of fire-2"
bravo group list | grep -q fire-2 && fail "fire-2 was pushed, though nobody of bravo is in it"
bravo group fetch $fire2 >/dev/null || fail "bravo cannot fetch fire-2"
at_bravo $fire2 group_priority 200 || fail "fire-2 is not stored with the overlay"
verified "fire-2 is stored with bravo's overlay (steps 4, 5); the MC service server has it (step 6)"
bravo group fetch sip:none@alpha.example >/dev/null && fail "a group that is not there was fetched"
tail -n 1 "$work/commands.log" | grep -q '(group_unknown)' || fail "another cause than expected"
verified "a group that alpha does not know is refused, and the operator reads why (group_unknown)"

say "4. The link is cut. Meanwhile alpha changes fire-1: priority 9, and a second member of bravo."
kill -USR1 "$wire_pid"
within 40 "bravo does not see that the link is down" link_is bravo false
within 40 "alpha does not see that the link is down" link_is alpha false
group_file fire-1 9 ada@alpha ben@bravo cleo@bravo >"$work/fire-1.toml"
alpha group import "$work/fire-1.toml" >/dev/null || fail "import of the changed fire-1"
at_bravo $fire1 exposed_revision 1 || fail "bravo does not serve fire-1 any more"
at_bravo $fire1 stale true || fail "bravo does not mark fire-1 as stale"
verified "bravo goes on serving fire-1 as it was, marked stale"
has "$(alpha group show $fire1 --json)" pending true || fail "alpha forgot that bravo must be told"
verified "alpha keeps in its store that bravo must be told"

say "5. The link heals."
kill -USR2 "$wire_pid"
within 60 "the link does not come up again" link_is bravo true
within 20 "bravo has not got the change" at_bravo $fire1 exposed_revision 2
within 5 "alpha has no answer" told_to_bravo $fire1 2
grep -q 'sip:cleo@bravo' <<<"$(bravo group show $fire1)" || fail "the new member did not arrive"
within 5 "fire-1 stays stale" at_bravo $fire1 stale false
verified "only the newest state of fire-1 travels (10.2.7.2 again), and bravo has it"

say "6. The gateway is killed with kill -9 and started again from its store."
incarnation=$(bravo status --json | sed -n 's/^  "incarnation": "\(.*\)",$/\1/p')
kill -USR1 "$wire_pid"
kill -KILL "$bravo_pid"
start bravo
within 20 "bravo does not start again" bravo status
has "$(bravo status --json)" incarnation "$incarnation" || fail "bravo has another store"
at_bravo $fire1 exposed_revision 2 || fail "bravo lost fire-1"
at_bravo $fire2 exposed_revision 1 || fail "bravo lost fire-2"
verified "both groups are served at once, though the link is still cut: nothing was lost"
kill -USR2 "$wire_pid"
within 60 "bravo does not reach alpha after its restart" link_is bravo true
verified "bravo dials alpha again by itself"
say "All of it was as it should be ($SECONDS s)."
