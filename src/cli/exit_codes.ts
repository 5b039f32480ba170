// What the process says to its parent.

export const EXIT_OK = 0;
/** Something went wrong while running: one line on stderr said what. */
export const EXIT_FAILED = 1;
/** The command line itself is wrong. */
export const EXIT_USAGE = 2;
