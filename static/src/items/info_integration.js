import { enhance } from '../_asks.js';

document.querySelectorAll('.asks').forEach(enhance);
