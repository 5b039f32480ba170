// Short notes to the model about things that happened around it. Their tags are those of the reference, so that
// histories of either program are understood by the other.
import type { Personality } from "../../protocol/types/policy.ts";

export const TURN_ABORTED = `<turn_aborted>
The person stopped the previous turn on purpose. Commands that were running then were ended and may have done part of \
their work. Look before you repeat anything.
</turn_aborted>`;

export function modelSwitchText(from: string): string {
  return `<model_switch>
Up to here this conversation was led with another model (${from}). Carry on from its state under the same instructions.
</model_switch>`;
}

export function collaborationModeText(instructions: string): string {
  return `<collaboration_mode>${instructions}</collaboration_mode>`;
}

export const COLLABORATION_MODE_ENDED = `<collaboration_mode>
The mode that applied until now is over, and so are all of its instructions, limits and output formats. Work from here \
on as you would without it.
</collaboration_mode>`;

const TONES: Readonly<Record<Personality, string>> = {
  none: "Keep a neutral tone.",
  friendly: "Be warm and encouraging: write as a kind teammate would, explain where it helps, and stay to the point.",
  pragmatic: "Be direct and matter-of-fact: say what is so and what follows from it, without small talk.",
};

export function personalityText(personality: Personality): string {
  return `<personality_spec>
The person has chosen how you should sound from now on. ${TONES[personality]}
</personality_spec>`;
}

/** wire: heading and tags as the reference sends AGENTS.md. */
export function projectInstructionsText(folder: string, instructions: string): string {
  return `# AGENTS.md instructions for ${folder}\n\n<INSTRUCTIONS>\n${instructions}\n</INSTRUCTIONS>`;
}
