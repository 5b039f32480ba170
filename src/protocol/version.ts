// The one place that knows which version this is.

/** The protocol and command-line generation that is spoken: tools parse this part. */
export const REFERENCE_VERSION = "0.120.0";

/** This project's own number; build metadata of the version that is shown. */
const OWN_VERSION = "0.1.0";

/** What `codex --version` prints after the program's name. */
export const VERSION = `${REFERENCE_VERSION}+${OWN_VERSION}`;
