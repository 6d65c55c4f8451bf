// Numbers as people type them, in Chinese and in English. The server reads them by the same rules, see internal/item/field_value.go;
// both are tried with internal/item/testdata/numbers.json.

const MOST = 1e15; // what a number still holds to the unit

/** What Chinese input methods type, as plain characters. */
export function narrow(text) {
  return [...text].map((c) => {
    if (c >= '！' && c <= '～') return String.fromCharCode(c.charCodeAt(0) - 0xfee0);
    if (c === '\u3000' || c === '\u00a0' || c === '\u202f') return ' ';
    if (c === '。' || c === '｡') return '.';
    if (c === '−' || c === '–' || c === '﹣') return '-';
    return c;
  }).join('');
}

/** The number that was typed; null for what is none, or could mean two things. units: how the unit may be written. */
export function readNumber(typed, units = []) {
  let text = narrow(typed).trim();
  const known = units.map(narrow);
  const unit = known.find((u) => u && text.length > u.length && text.toLowerCase().endsWith(u.toLowerCase()));
  if (unit) text = text.slice(0, -unit.length).trim();
  if (known.includes('元')) text = text.replace(/^[¥￥]+/, '');
  if (text.startsWith('负')) text = `-${text.slice(1)}`;
  if (!/^[+-]?([0-9]+|[0-9]{1,3}(,[0-9]{3})+)(\.[0-9]+)?([eE][+-]?[0-9]+)?$/.test(text)) return null;
  const number = Number(text.replaceAll(',', ''));
  return Math.abs(number) <= MOST ? number + 0 : null;
}

/** Cells of a table as something to sort by: numbers by their value, all else by its words. */
export function sortKey(cell) {
  const text = narrow(cell).trim();
  const number = readNumber(text, ['%', '‰', '℃', '元']);
  return number === null ? text : number;
}

/** Puts rows of cells into the order of one column, numbers before words; equal ones stay as they were. */
export function sorted(rows, column, direction, lang) {
  const sign = direction === 'descending' ? -1 : 1;
  const order = (a, b) => {
    if (typeof a === typeof b) return sign * (typeof a === 'number' ? a - b : a.localeCompare(b, lang));
    return typeof a === 'number' ? -1 : 1;
  };
  return rows.map((row, at) => ({ row, at, key: sortKey(row.cells[column]) })).sort((a, b) => order(a.key, b.key) || a.at - b.at).map(({ row }) => row);
}
