/** Whether a page that was gone to has yet to take the focus: its heading comes with its data. */
let awaited = false;

export const focus = {
  await() {
    awaited = true;
  },
  /** Whether it is the caller's to take; the next one is told no. */
  take(): boolean {
    const mine = awaited;
    awaited = false;
    return mine;
  },
};
