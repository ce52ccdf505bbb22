/** Finnish, Swedish, English: whoever adds a word adds all three. */
export type Words = Record<string, readonly [fi: string, sv: string, en: string]>;
