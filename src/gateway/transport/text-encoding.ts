/** Whether the bytes of a message were text. */
export type TextEncoding = 'utf8' | 'invalid';
