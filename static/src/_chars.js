// How much of a text counts, as the server counts it: letters, digits, punctuation and symbols, without space and without what cannot be seen.

const COUNTS = /[\p{L}\p{M}\p{N}\p{P}\p{S}]/gu;

export function chars(text) {
  return text.match(COUNTS)?.length ?? 0;
}

/** What so many characters are against the limits: 'none', 'short', 'over' or 'fit', and by how many. No limit is 0. */
export function judge(n, min, max) {
  if (n === 0) return { state: 'none', by: 0 };
  if (n < min) return { state: 'short', by: min - n };
  if (max > 0 && n > max) return { state: 'over', by: n - max };
  return { state: 'fit', by: 0 };
}
