import { discoverableTypes } from "./discoverable-types.ts";

/**
 * Identifiers of GPT partition types.
 *
 * The first group and all of {@link discoverableTypes} are spelled as systemd-repart's `Type=` spells them; what
 * systemd has no word for is spelled alike. GUIDs: UEFI 2.10 table 5-7, the Discoverable Partitions Specification,
 * and the respective system's own documents.
 */
export const gptTypes: Readonly<Record<string, string>> = {
  esp: "c12a7328-f81f-11d2-ba4b-00a0c93ec93b",
  xbootldr: "bc13c2ff-59e6-4262-a352-b275fd6f7172",
  swap: "0657fd6d-a4ab-43c4-84e5-0933c84b4f4f",
  home: "933ac7e1-2eb4-4f13-b844-0e14e2aef915",
  srv: "3b8f8425-20e0-4f3b-907f-1a25a76f98e8",
  var: "4d21b016-b534-45c2-a9fb-5c16e091fd2d",
  tmp: "7ec6f557-3bc5-4aca-b293-16ef5df639d1",
  "user-home": "773f91ef-66d4-49b5-bd83-d683bf40ad16",
  "linux-generic": "0fc63daf-8483-4772-8e79-3d69d8477de4",

  "bios-boot": "21686148-6449-6e6f-744e-656564454649",
  prep: "9e1a2d38-c612-4316-aa26-8b49521e5a8b",
  "linux-lvm": "e6d6d379-f507-44c2-a23c-238f2a3df928",
  "linux-raid": "a19d880f-05fc-4d3b-a006-743f0f84911e",
  "linux-reserved": "8da63339-0007-60c0-c436-083ac8230908",
  "microsoft-basic-data": "ebd0a0a2-b9e5-4433-87c0-68b6b72699c7",
  "microsoft-reserved": "e3c9e316-0b5c-4db8-817d-f92df00215ae",
  "windows-recovery": "de94bba4-06d1-4d40-a16a-bfd50179d6ac",
  "apple-hfs": "48465300-0000-11aa-aa11-00306543ecac",
  "freebsd-boot": "83bd6b9d-7f41-11dc-be0b-001560b84f0f",
  "chromeos-kernel": "fe3a2a5d-4f32-41a7-b725-accc3285a309",
  "chromeos-root": "3cb8e202-3b7e-47dd-8a3c-7ff2a13cfcec",
  "chromeos-reserved": "2e0a753d-9e48-43b0-8337-b15192cb1b5e",
  "coreos-usr": "5dfbf5f4-2848-4bac-aa5e-0d9a20b745a6",
  "coreos-resize": "3884dd41-8582-4404-b9a8-e9b84f2df50e",
  "coreos-reserved": "c95dc21a-df0e-4340-8d7b-26cbfa9a03e0",
  "coreos-root-raid": "be9067b9-ea49-4f15-b4f6-f36f8c9e1818",
  "barebox-state": "4778ed65-bf42-45fa-9c5b-287a1dc4aab1",
  "barebox-env": "6c3737f2-07f8-45d1-ad45-15d260aab24d",
  "u-boot-env": "3de21764-95bd-54bd-a5c3-4abe786f38a8",
  ...discoverableTypes,
};
