// Before the first paint, so that a chosen theme never flashes the other one. "system" needs nothing: CSS asks the system.
(() => {
  try {
    const theme = localStorage.getItem('daam.theme');
    if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
  } catch {
    // No storage: the system's theme.
  }
})();
