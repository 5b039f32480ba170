// The sandbox plan: what a command may touch, as plain data. Made by a pure function from policy, cwd and
// environment; carried out by one small launcher per platform. Specified by sandbox_profiles/README.md.

export interface SandboxPlan {
  /** `full`: everything is readable. Otherwise only these roots and the platform's own. */
  readonly readable: "full" | readonly string[];
  /** Absolute, resolved, parents first. */
  readonly writable: readonly string[];
  /** Read-only even under a writable root; may not exist yet. */
  readonly protected: readonly string[];
  readonly network: "none" | "full";
  readonly cwd: string;
}
