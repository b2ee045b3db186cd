/** Drops a file on an element, as a hand would: over it first; the answer lets it go. */
export async function drag(app, target, { name, content }) {
  const transfer = await app.page.evaluateHandle(
    ({ name, content }) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([content], name));
      return transfer;
    },
    { name, content },
  );
  await target.dispatchEvent("dragover", { dataTransfer: transfer });
  return () => target.dispatchEvent("drop", { dataTransfer: transfer });
}
