// What the page shows, known here before anything happens to the browser.

/**
 * Tells at once whatever `look` finds in the page, each time that it is something else. `look` runs in
 * the page, so it uses nothing from around it; it may find nothing.
 */
export async function tellWhatIsShown(context, look, tell) {
  await context.exposeBinding("__tellShown", (_, shown) => tell(shown));
  await context.addInitScript(`(${watch})(${look})`);
}

function watch(look) {
  let last = "";
  const tell = () => {
    const shown = look();
    if (!shown) return;
    const text = JSON.stringify(shown);
    if (text !== last) void window.__tellShown?.(shown);
    last = text;
  };
  new MutationObserver(tell).observe(document, {
    subtree: true,
    childList: true,
    attributes: true,
    characterData: true,
  });
}
