// Words of the page: the server hands them in as JSON, already in the reader's language.

/**
 * Fills {name} with a value, and {name|one|many} with "one" where the value is 1, else "many": the notation of the
 * message catalogues. An unknown name stays as it is.
 */
export function fill(text, values) {
  return text.replace(/\{(\w+)(?:\|([^|}]*)\|([^}]*))?\}/g, (all, name, one, many) => {
    if (!(name in values)) return all;
    if (one === undefined) return String(values[name]);
    return Number(values[name]) === 1 ? one : many;
  });
}
