// Where the host puts raw bytes and finds packed ones.

/** Raw bytes of a call at most. */
export const maxLength: i32 = 1 << 20;
/** Words of eight bytes are read and written at the ends. */
const margin: i32 = 64;

export const raw: usize = memory.data(maxLength + margin, 64);
/** With room for what stored blocks of a chunk of tokens each add: less than 8 bytes for 1024. */
export const packed: usize = memory.data(maxLength + maxLength / 128 + margin, 64);
