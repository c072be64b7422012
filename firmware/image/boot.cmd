# SPDX-License-Identifier: Apache-2.0
# U-Boot: boots the first slot that has attempts left, the same on every board.
#
# The state is one sector at 3 MiB, written at once: the format of `env export -c`, which fw_setenv
# reads and writes too. Each start takes an attempt off; a system that runs well gives them back.
# Some boards' U-Boot cannot calculate: it counts by comparing.

if test "${devtype}" = "virtio"; then virtio dev ${devnum}; else mmc dev ${devnum}; fi

setenv BOOT_ORDER
if ${devtype} read ${kernel_addr_r} 0x1800 1; then
  env import -c ${kernel_addr_r} 0x200 BOOT_ORDER BOOT_A_LEFT BOOT_B_LEFT
fi
if test -z "${BOOT_ORDER}"; then
  setenv BOOT_ORDER "A B"
  setenv BOOT_A_LEFT 3
  setenv BOOT_B_LEFT 3
fi

setenv slot
for candidate in ${BOOT_ORDER}; do
  if test -z "${slot}"; then
    if test "${candidate}" = "A"; then
      if test "${BOOT_A_LEFT}" = "3"; then setenv BOOT_A_LEFT 2; setenv slot A;
      elif test "${BOOT_A_LEFT}" = "2"; then setenv BOOT_A_LEFT 1; setenv slot A;
      elif test "${BOOT_A_LEFT}" = "1"; then setenv BOOT_A_LEFT 0; setenv slot A; fi
    else
      if test "${BOOT_B_LEFT}" = "3"; then setenv BOOT_B_LEFT 2; setenv slot B;
      elif test "${BOOT_B_LEFT}" = "2"; then setenv BOOT_B_LEFT 1; setenv slot B;
      elif test "${BOOT_B_LEFT}" = "1"; then setenv BOOT_B_LEFT 0; setenv slot B; fi
    fi
  fi
done

# No attempt is left for any: all begin anew, so that no box is lost for good.
if test -z "${slot}"; then
  setenv BOOT_A_LEFT 3
  setenv BOOT_B_LEFT 3
fi
env export -c -s 0x200 ${kernel_addr_r} BOOT_ORDER BOOT_A_LEFT BOOT_B_LEFT
${devtype} write ${kernel_addr_r} 0x1800 1
if test -z "${slot}"; then reset; fi

if test "${slot}" = "A"; then setenv part 2; else setenv part 3; fi
echo "bivouac: slot ${slot}, attempts left: A ${BOOT_A_LEFT}, B ${BOOT_B_LEFT}"
setenv bootargs "bivouac.slot=${slot} quiet panic=10"

setenv fdt ${fdt_addr}
if test -n "${fdtfile}"; then
  if load ${devtype} ${devnum}:${part} ${fdt_addr_r} /dtb/${fdtfile}; then
    setenv fdt ${fdt_addr_r}
  else
    setenv fdt ${fdtcontroladdr}
  fi
fi
if load ${devtype} ${devnum}:${part} ${kernel_addr_r} /vmlinuz; then
  if load ${devtype} ${devnum}:${part} ${ramdisk_addr_r} /initrd; then
    @boot_command@ ${kernel_addr_r} ${ramdisk_addr_r}:${filesize} ${fdt}
  fi
fi
# It did not start: the next attempt, or the other slot.
reset
