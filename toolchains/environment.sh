# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154
# The tool environment: Debian 13. On a Debian 13 machine its packages are installed as usual; on
# any other Debian-like machine they live in a root of their own, .sdk/trixie, entered by chroot in
# a private mount namespace with the project at its usual path.

source "$project/toolchains/packages.sh"
sdk="$project/.sdk/$base_suite"
wanted_packages() { build_packages; }
sdk_mark=etc/bivouac-environment

# From here on the environment is the one for images.
use_image_environment() {
  sdk="$project/.sdk/$base_suite-image"
  wanted_packages() { image_packages; }
}

as_root() {
  if ((EUID == 0)); then "$@"; else sudo "$@"; fi
}

require_root() {
  ((EUID == 0)) && return
  command -v sudo >/dev/null ||
    fail "this needs root once, to install packages: run it as root, or install sudo"
  sudo -v || fail "sudo did not let us through"
}

environment_key() { { wanted_packages; echo "$base_suite 1"; } | sha256sum | cut -c 1-16; }

os_field() { (. /etc/os-release && printf '%s' "${!1-}"); }

# inside: in .sdk/trixie already; native: this machine is Debian 13; sdk: any other.
environment_kind() {
  if [[ -e /$sdk_mark ]]; then echo inside
  elif [[ $(os_field ID)-$(os_field VERSION_CODENAME) == "debian-$base_suite" ]]; then echo native
  else echo sdk; fi
}

# The mirror that this machine itself uses for Debian, unless BIVOUAC_MIRROR says otherwise.
debian_mirror() {
  if [[ -n ${BIVOUAC_MIRROR-} ]]; then echo "$BIVOUAC_MIRROR"; return; fi
  local mirror
  # shellcheck disable=SC2016
  mirror=$(apt-get indextargets \
    --format '$(REPO_URI) $(CODENAME) $(ORIGIN)' 'Created-By: Packages' |
    awk -v code="$(os_field VERSION_CODENAME)" '$2 == code && $3 == "Debian" { print $1; exit }')
  [[ -n $mirror ]] ||
    fail "no Debian mirror among this machine's apt sources: set BIVOUAC_MIRROR to one"
  echo "$mirror"
}

refresh_package_lists() {
  # A broken third-party source must not stop us: what counts is whether the installation works.
  as_root apt-get update || say "dev: some package lists could not be fetched; going on"
}

native_missing() {
  local installed wanted
  # shellcheck disable=SC2016
  installed=$(dpkg-query --show --showformat \
    '${db:Status-Status} ${Package}\n${db:Status-Status} ${Package}:${Architecture}\n')
  while read -r wanted; do
    grep -qxF "installed $wanted" <<<"$installed" || echo "$wanted"
  done < <(wanted_packages)
}

install_native() {
  local architecture
  export DEBIAN_FRONTEND=noninteractive
  for architecture in "${foreign_architectures[@]}"; do
    as_root dpkg --add-architecture "$architecture"
  done
  refresh_package_lists
  # shellcheck disable=SC2046
  as_root apt-get install --yes --no-install-recommends $(wanted_packages)
}

install_sdk_maker() {
  refresh_package_lists
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends \
    mmdebstrap debian-archive-keyring util-linux
}

remove_root() {
  [[ -e $1 ]] || return 0
  grep -qF " $1" /proc/self/mountinfo && fail "$1 has something mounted in it: unmount it first"
  as_root rm -rf --one-file-system "$1"
}

make_sdk() {
  local partial="$sdk.partial" proxy=() http_proxy_setting=
  remove_root "$partial"
  eval "$(apt-config shell http_proxy_setting Acquire::http::Proxy)"
  [[ -n $http_proxy_setting ]] && proxy=(--aptopt="Acquire::http::Proxy \"$http_proxy_setting\"")
  as_root mmdebstrap --variant=apt \
    --architectures="amd64,$(IFS=,; echo "${foreign_architectures[*]}")" \
    --aptopt='APT::Install-Recommends "false"' "${proxy[@]}" \
    --include="$(wanted_packages | paste -sd,)" \
    --customize-hook="echo 127.0.0.1 localhost >\"\$1/etc/hosts\"" \
    --customize-hook="echo $(environment_key) >\"\$1/$sdk_mark\"" \
    "$base_suite" "$partial" "deb $(debian_mirror) $base_suite main"
  # Only a whole root gets the name: an interrupted one is thrown away by the next run.
  remove_root "$sdk"
  as_root mv "$partial" "$sdk"
}

sdk_is_current() { [[ $(cat "$sdk/$sdk_mark" 2>/dev/null) == "$(environment_key)" ]]; }

ensure_environment() {
  local kind
  kind=$(environment_kind)
  [[ $kind == inside ]] && return
  [[ $(dpkg --print-architecture 2>/dev/null) == amd64 ]] ||
    fail "building needs a Debian-like machine with an amd64 processor"
  mkdir -p "$project/.sdk"
  exec 9>"$project/.sdk/lock"
  flock 9
  if [[ $kind == native ]]; then
    if [[ -n $(native_missing) ]]; then
      require_root
      quietly "Installing the tools and libraries (once, about 2 minutes)" packages install_native
    fi
  elif ! sdk_is_current; then
    require_root
    command -v mmdebstrap >/dev/null ||
      quietly "Installing mmdebstrap (once)" mmdebstrap install_sdk_maker
    quietly "Making the Debian 13 tool environment in .sdk (once, about 2 minutes, 2.3 GB)" \
      environment make_sdk
  fi
  exec 9>&-
}

# in_environment COMMAND...: runs it in the tool environment, in the current folder.
in_environment() {
  export CCACHE_DIR="$project/.sdk/ccache" CCACHE_MAXSIZE=5G
  # A second clone of the project finds what the first one compiled.
  export CCACHE_BASEDIR="$project" CCACHE_NOHASHDIR=1
  export PYTHONDONTWRITEBYTECODE=1
  if [[ $(environment_kind) != sdk ]]; then
    "$@"
    return
  fi
  local enter=(bash "$project/toolchains/enter.sh" "$sdk" "$project" "$PWD")
  if ((EUID == 0)); then
    unshare --mount "${enter[@]}" 0:0 "$@"
  elif unshare --user --map-root-user --mount true 2>/dev/null && [[ -d $sdk$project ]]; then
    unshare --user --map-root-user --mount "${enter[@]}" 0:0 "$@"
  else
    local kept=CCACHE_DIR,CCACHE_MAXSIZE,CCACHE_BASEDIR,CCACHE_NOHASHDIR,PYTHONDONTWRITEBYTECODE
    sudo --preserve-env="$kept" unshare --mount "${enter[@]}" "$(id -u):$(id -g)" "$@"
  fi
}
