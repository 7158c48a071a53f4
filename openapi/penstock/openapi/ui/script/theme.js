// Lets a reader choose light or dark, and keeps the choice for all pages of this server.

const THEME_STORED_AS = "penstock.theme";

/** Shows what was chosen earlier, and follows the choice from now on. "auto" is what the system says. */
function followTheme() {
  const choices = byId("theme").elements.theme;
  choices.value = rememberedTheme();
  applyTheme(choices.value);
  byId("theme").addEventListener("change", () => {
    applyTheme(choices.value);
    try {
      localStorage.setItem(THEME_STORED_AS, choices.value);
    } catch {
      // Storage is switched off: the choice lives as long as the page.
    }
  });
}

function applyTheme(theme) {
  if (theme === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}

function rememberedTheme() {
  try {
    const stored = localStorage.getItem(THEME_STORED_AS);
    return stored === "light" || stored === "dark" ? stored : "auto";
  } catch {
    return "auto";
  }
}

followTheme();
