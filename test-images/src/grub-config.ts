// A grub.cfg of the build and the nesting that grub-mkconfig gives it on Debian: sections between comment lines, a
// plain entry, and the same kernel again with a rescue entry in a submenu.

export interface GrubConfig {
  readonly kernelVersion: string;
  /** The file system that holds the kernel, which is mounted at /boot. */
  readonly bootUuid: string;
  readonly rootUuid: string;
  /** What the default entry adds to `root=UUID=… ro`. */
  readonly arguments: string;
}

/** Returns the text of a grub.cfg on a boot partition of its own, so that paths start at its root. */
export function grubConfig(config: GrubConfig): string {
  return [
    header,
    section("00_header", settings),
    section("10_linux", linuxEntries(config)),
    section("40_custom", ""),
  ].join("\n");
}

const header = `#
# It is made by grub-mkconfig in an installed system; here by a test image's recipe.
#
`;

const settings = `if [ -s $prefix/grubenv ]; then
  set have_grubenv=true
  load_env
fi
if [ "\${next_entry}" ] ; then
   set default="\${next_entry}"
   set next_entry=
   save_env next_entry
   set boot_once=true
else
   set default="0"
fi

export menuentry_id_option

serial --unit=0 --speed=115200
terminal_input serial
terminal_output serial
set timeout_style=menu
set timeout=0
`;

function section(name: string, text: string): string {
  return `### BEGIN /etc/grub.d/${name} ###\n${text}### END /etc/grub.d/${name} ###\n`;
}

function linuxEntries(config: GrubConfig): string {
  const { kernelVersion, rootUuid } = config;
  const plain = menuEntry(config, "Debian GNU/Linux", `gnulinux-simple-${rootUuid}`, "", config.arguments);
  const versioned = menuEntry(
    config,
    `Debian GNU/Linux, with Linux ${kernelVersion}`,
    `gnulinux-${kernelVersion}-advanced-${rootUuid}`,
    "\t",
    config.arguments,
  );
  const rescue = menuEntry(
    config,
    `Debian GNU/Linux, with Linux ${kernelVersion} (recovery mode)`,
    `gnulinux-${kernelVersion}-recovery-${rootUuid}`,
    "\t",
    "single",
  );
  const advanced = `submenu 'Advanced options for Debian GNU/Linux' $menuentry_id_option 'gnulinux-advanced-${rootUuid}' {`;
  return `${plain}${advanced}\n${versioned}${rescue}}\n`;
}

function menuEntry(config: GrubConfig, title: string, id: string, indent: string, added: string): string {
  const { kernelVersion, bootUuid, rootUuid } = config;
  const classes = "--class debian --class gnu-linux --class gnu --class os";
  const lines = [
    `menuentry '${title}' ${classes} $menuentry_id_option '${id}' {`,
    "\tinsmod gzio",
    "\tinsmod part_gpt",
    "\tinsmod ext2",
    `\tsearch --no-floppy --fs-uuid --set=root ${bootUuid}`,
    `\techo\t'Loading Linux ${kernelVersion} ...'`,
    // grub-mkconfig leaves two blanks where GRUB_CMDLINE_LINUX is empty.
    `\tlinux\t/vmlinuz-${kernelVersion} root=UUID=${rootUuid} ro  ${added}`,
    "\techo\t'Loading initial ramdisk ...'",
    `\tinitrd\t/initrd.img-${kernelVersion}`,
    "}",
  ];
  return lines.map((line) => `${indent}${line}\n`).join("");
}
