// A written answer: the field grows with what is in it, and its length is said as it is typed.

import { watch } from '../_length.js';

for (const box of document.querySelectorAll('.writing .length')) watch(box, [...box.closest('.field').querySelectorAll('textarea')]);
