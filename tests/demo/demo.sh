#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Three processes on loopback: alpha, where groups are defined; edge, a proxy; bravo, a field
# gateway behind it. Pushes, pulls, subscribes, notifies with key material, affiliates users of
# both, cuts the link, heals it, kills the gateway. Each step is verified by what the programs
# themselves say; the exit code is not 0 if one was not as it should be.
set -u

project=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
bin=${BIVOUAC_BIN:-$project/build/bin}
work=$(mktemp -d)
pids=()
wire_pid=
fire1=sip:fire-1@alpha.example
fire2=sip:fire-2@alpha.example
rescue=sip:rescue@bravo.example

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

run() { "$bin/bivouac" "${@:2}" --config "$work/$1.toml" 2>>"$work/commands.log"; }
alpha() { run alpha "$@"; }
bravo() { run bravo "$@"; }
edge() { run edge "$@"; }

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

# link_is SYSTEM PARTNER STATE, as its status says.
link_is() { "$1" status | grep -qE "^ *sip:$2\.example +$3 "; }
shown_at_bravo() { bravo group show $fire1 | grep -q "$1"; }
# How many notifications of fire-1 bravo has stored.
notified() { grep -c "group_stored clause=10.2.7.5 subject=$fire1" "$work/bravo.log"; }
at_bravo() { has "$(bravo group show "$1" --json)" "$2" "$3"; }
told_to_bravo() { has "$(alpha group show "$1" --json)" acknowledged_revision "$2"; }

# affiliated_to SYSTEM GROUP: who is, by which client, in which state, for what; as JSON has it.
affiliated_to() {
  "$1" affiliation list --group "$2" --json |
    grep -E '^ *"(mc_service_id|client_id|status|mcptt|mcvideo|mcdata)' | tr -d ' ,\n'
}
agree_on() {
  local there
  there=$(affiliated_to alpha "$1")
  [[ -n $there && $there == "$(affiliated_to bravo "$1")" ]]
}

free_port() {
  local port
  while :; do
    port=$((20000 + RANDOM % 40000))
    (: </dev/tcp/127.0.0.1/$port) 2>/dev/null || break
  done
  printf '%s' "$port"
}

# configure NAME LISTEN, and partners on standard input
configure() {
  cat >"$work/$1.toml" <<TOML
[system]
id = "sip:$1.example"
clock = "trusted"
[listen]
addresses = [$2]
[tls]
certificate = "pki/$1.crt"
key = "pki/$1.key"
ca = "pki/ca.crt"
crl = "pki/ca.crl"
[store]
data_dir = "$1/data"
runtime_dir = "$1/run"
TOML
  cat >>"$work/$1.toml"
}
# behind_edge NAME ADDRESSES-OF-EDGE: the partner NAME, which edge leads to
behind_edge() {
  cat <<TOML
[[partner]]
system_id = "sip:edge.example"
addresses = [$2]
speaks_for = ["sip:$1.example"]
[[partner]]
system_id = "sip:$1.example"
via = "sip:edge.example"
users = ["sip:*@$1.example"]
groups = ["sip:*@$1.example"]
TOML
}

# client USER PORT COMMAND...: as a client of that user, in place of the subshell that it is called
# in, so that its pid is that of the job.
client() {
  local user=$1 port=$2
  shift 2
  exec "$bin/bivouac" client "$@" --gateway "127.0.0.1:$port" --certificate "$work/pki/$user.crt" \
    --key "$work/pki/$user.key" --ca "$work/pki/ca.crt" 2>>"$work/commands.log"
}
ben() { client ben "$bravo_clients" "$@"; }
ada() { client ada "$alpha_clients" "$@"; }
# became TEXT STATUS GROUP...: what a client was told of each of the groups.
became() {
  local group
  for group in "${@:3}"; do grep -q "^$group: $2" <<<"$1" || return 1; done
}
tablet_says() { grep -qs "$1" "$work/tablet.txt"; }

group_file() { # NAME PRIORITY MEMBER...
  local name=$1 priority=$2 member
  shift 2
  printf 'group_id = "sip:%s@alpha.example"\nservices = ["mcptt"]\n' "$name"
  printf 'group_priority = %d\n' "$priority"
  for member in "$@"; do printf '[[member]]\nmc_service_id = "sip:%s.example"\n' "$member"; done
}

user_file() { # NAME GROUP...
  local group
  printf 'mc_service_id = "sip:%s.example"\nservices = ["mcptt"]\naffiliations_max = 2\n' "$1"
  for group in "${@:2}"; do printf '[[group]]\ngroup_id = "%s"\n' "$group"; done
}

start() {
  "$bin/bivouac" run --config "$work/$1.toml" >>"$work/$1.log" 2>&1 &
  last_pid=$!
  disown
  pids+=("$last_pid")
}

# ---- two MC systems and a proxy, a PKI, and a wire from bravo to the proxy that can be cut

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
for name in alpha edge bravo; do
  pki issue "$work/pki" --system "sip:$name.example" --out "$name"
done
pki issue "$work/pki" --user sip:ben@bravo.example --out ben
pki issue "$work/pki" --user sip:ada@alpha.example --out ada
alpha_clients=$(free_port)
configure alpha "\"127.0.0.1:$alpha_clients\"" < <(
  behind_edge bravo "\"127.0.0.1:$port\""
  cat <<'TOML'
[partner.rights]
request = ["sip:*@alpha.example"]
receive = ["sip:*@alpha.example"]
subscribe = ["sip:*@alpha.example"]
affiliate = ["sip:*@alpha.example"]
[partner.exposure]
hide_members_of_others = true
TOML
)
configure edge "\"127.0.0.1:$port\"" <<'TOML'
[[partner]]
system_id = "sip:alpha.example"
[partner.rights]
forward = ["sip:bravo.example"]
[[partner]]
system_id = "sip:bravo.example"
[partner.rights]
forward = ["sip:alpha.example"]
TOML
bravo_clients=$(free_port)
configure bravo "\"127.0.0.1:$bravo_clients\"" < <(
  behind_edge alpha "\"127.0.0.1:$(cat "$work/wire.port")\""
  cat <<'TOML'
[partner.rights]
provide = ["sip:*@alpha.example"]
affiliate = ["sip:*@bravo.example"]
[[partner.overlay]]
groups = "sip:fire-*@alpha.example"
group_priority = 200
TOML
)
for name in alpha edge bravo; do
  run $name check-config >/dev/null || fail "the configuration of $name"
  start $name
done
bravo_pid=$last_pid
within 30 "bravo does not reach alpha" link_is bravo alpha up
within 30 "alpha does not reach bravo" link_is alpha bravo up
say "1. alpha, where groups are defined, and bravo, a field gateway, reach each other through"
say "   edge, a proxy, by mutual TLS 1.3."
has "$(bravo status --json)" tls_version TLSv1.3 || fail "the link is not TLS 1.3"
verified "alpha and bravo say that the other one is there, via edge"

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

say "4. bravo subscribes to fire-1 (10.2.7.4). alpha changes it, and has a new group master key for"
say "   ben, whose phone is logged on at bravo."
user_file ben@bravo $fire1 $rescue >"$work/ben.toml"
bravo user import "$work/ben.toml" >/dev/null || fail "import of ben's profile"
bravo group subscribe $fire1 >/dev/null || fail "bravo cannot subscribe"
ben subscribe $fire1 --follow --client-id phone >"$work/ben.txt" &
pids+=("$!")
disown
within 20 "ben's phone does not get fire-1" grep -qs "group_priority = 200" "$work/ben.txt"
group_file fire-1 7 ada@alpha ben@bravo >"$work/fire-1.toml"
alpha group import "$work/fire-1.toml" >/dev/null || fail "import of the changed fire-1"
marker=$(tr -dc 'a-zA-Z0-9' </dev/urandom | head -c 32)
printf '[[envelope]]\nrecipient = "sip:ben@bravo.example"\ngmk_id = 7\nhex = "%s"\n' \
  "$(printf '%s' "$marker" | od -An -v -tx1 | tr -d ' \n')" >"$work/keys.toml"
alpha group keys import $fire1 "$work/keys.toml" >/dev/null || fail "import of the keys"
rm "$work/keys.toml"
within 10 "ben's phone has no key material" grep -q "# key material: GMK 7, 32 b" "$work/ben.txt"
verified "alpha notifies bravo of both (10.2.7.5), bravo gives ben's phone its own envelope"
grep -qarF "$marker" "$work" && fail "key material lies in a file"
verified "the envelope is in no file and no log of any of them"

say "5. ben's tablet affiliates to rescue, a group of bravo (10.X.3.1), and to fire-1 of alpha"
say "   (10.X.3.2.2); ada, a user of alpha, to rescue. Then they leave (10.X.4.2, 10.X.4.3)."
printf 'group_id = "%s"\nservices = ["mcptt"]\n[[member]]\nmc_service_id = "%s"\n[[member]]
mc_service_id = "%s"\n' $rescue sip:ada@alpha.example sip:ben@bravo.example >"$work/rescue.toml"
bravo group import "$work/rescue.toml" >/dev/null || fail "import of rescue"
user_file ada@alpha $rescue >"$work/ada.toml"
alpha user import "$work/ada.toml" >/dev/null || fail "import of ada's profile"
told=$(ben affiliate $rescue $fire1 --client-id tablet)
became "$told" affiliated $rescue $fire1 || fail "ben cannot affiliate"
became "$(ada affiliate $rescue)" affiliated $rescue || fail "ada cannot affiliate"
verified "each group's home decided by its policy, across the link too, and answered"
told=$(ben deaffiliate $rescue $fire1 --client-id tablet)
became "$told" deaffiliated $rescue $fire1 || fail "ben cannot leave"
became "$(ada deaffiliate $rescue)" deaffiliated $rescue || fail "ada cannot leave"
verified "all three are de-affiliated; of those across the link, the home has said so"

say "6. The link is cut. alpha changes fire-1 twice: priority 8; then 9, and one more of bravo."
kill -USR1 "$wire_pid"
within 60 "bravo does not see that alpha is out of reach" link_is bravo alpha down
within 60 "alpha does not see that bravo is out of reach" link_is alpha bravo down
group_file fire-1 8 ada@alpha ben@bravo >"$work/fire-1.toml"
alpha group import "$work/fire-1.toml" >/dev/null || fail "import of the changed fire-1"
group_file fire-1 9 ada@alpha ben@bravo cleo@bravo >"$work/fire-1.toml"
alpha group import "$work/fire-1.toml" >/dev/null || fail "import of the changed fire-1"
at_bravo $fire1 stale true || fail "bravo does not mark fire-1 as stale"
within 5 "ben's phone does not hear that fire-1 is stale" grep -q "# stale" "$work/ben.txt"
verified "bravo goes on serving fire-1 as it was, marked stale, and ben's phone knows"
has "$(alpha group show $fire1 --json)" pending true || fail "alpha forgot that bravo must be told"
ben status --follow --client-id tablet >"$work/tablet.txt" &
pids+=("$!")
disown
within 10 "ben's tablet does not log on" tablet_says "affiliated to no group"
told=$(ben affiliate $rescue $fire1 --client-id radio)
became "$told" affiliated $rescue || fail "ben cannot affiliate to bravo's own group"
became "$told" affiliating $fire1 || fail "ben's affiliation to fire-1 is not pending"
verified "ben's radio is affiliated to rescue at once; to fire-1 it is affiliating"
before=$(notified)
kill -USR2 "$wire_pid"
within 60 "bravo has not got the change" shown_at_bravo "sip:cleo@bravo"
within 20 "fire-1 stays stale" at_bravo $fire1 stale false
(($(notified) == before + 1)) || fail "not one notification for two changes"
verified "the link heals: one notification brings the newest of fire-1 (10.2.7.5)"
within 20 "ben's tablet does not hear of fire-1" tablet_says "^$fire1: affiliated .*client radio"
verified "and ben's tablet is told, without asking, that the radio is affiliated to fire-1"

within 10 "alpha and bravo do not agree on fire-1" agree_on $fire1
verified "alpha and bravo list the same affiliations to fire-1"

say "7. The gateway is killed with kill -9 and started again from its store."
incarnation=$(bravo status --json | sed -n 's/^  "incarnation": "\(.*\)",$/\1/p')
kill -USR1 "$wire_pid"
kill -KILL "$bravo_pid"
start bravo
within 20 "bravo does not start again" bravo status
has "$(bravo status --json)" incarnation "$incarnation" || fail "bravo has another store"
shown_at_bravo "sip:cleo@bravo" || fail "bravo lost fire-1"
bravo group keys list $fire1 | grep -q "GMK 0x00000007" || fail "bravo lost the key material"
at_bravo $fire2 exposed_revision 1 || fail "bravo lost fire-2"
told=$(ben status --client-id phone-2)
became "$told" affiliated $rescue $fire1 || fail "bravo lost ben's affiliations"
verified "groups, sealed key material and affiliations are served at once: nothing was lost"
kill -USR2 "$wire_pid"
within 60 "bravo does not reach alpha after its restart" link_is bravo alpha up
verified "bravo dials alpha again by itself"
say "All of it was as it should be ($SECONDS s)."
