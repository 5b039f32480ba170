// The word that was probably meant.

/** More changes than this make another word. */
const MAX_CHANGES = 2;

/** The candidate with the fewest changes from `text`, when they are few; of two, the first. */
export function findSimilar(text: string, candidates: readonly string[]): string | null {
  if (text.replace(/^-+/, "").length < 3) return null;
  let best: string | null = null;
  let fewest = MAX_CHANGES + 1;
  for (const candidate of candidates) {
    const changes = countChanges(text, candidate);
    if (changes < fewest) [best, fewest] = [candidate, changes];
  }
  return best;
}

/** Letters put in, left out or replaced (Levenshtein). */
function countChanges(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, at) => at);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
