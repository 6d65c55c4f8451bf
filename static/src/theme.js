// Applies the chosen theme before the first paint: load it in <head>, as a classic script, before the style sheet.
{
  try {
    const theme = localStorage.getItem('leida-theme');
    if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
  } catch {
    // storage may be forbidden: then the page follows the system
  }
}
