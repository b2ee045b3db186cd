import { cell } from "./cell";

/** A newer version of the page that waits to take over; what makes it do so. */
export const update = cell<(() => void) | undefined>(undefined);

/** Has the page kept for use without the network, and looks out for newer versions of it. */
export async function keepPage(): Promise<void> {
  if (!import.meta.env.PROD || !("serviceWorker" in navigator)) return;
  const registration = await navigator.serviceWorker.register("./sw.js");
  const tell = (): void => {
    const { waiting } = registration;
    // With nothing in control this is the first visit: there is no older version to replace.
    if (!waiting || !navigator.serviceWorker.controller) return;
    update.set(() => {
      navigator.serviceWorker.addEventListener("controllerchange", () => location.reload(), {
        once: true,
      });
      waiting.postMessage("take over");
    });
  };
  tell();
  // It took over; another tab, or a reload, made it.
  navigator.serviceWorker.addEventListener("controllerchange", () => update.set(undefined));
  registration.addEventListener("updatefound", () => {
    registration.installing?.addEventListener("statechange", tell);
  });
  // A tab may stay open for days.
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) void registration.update().catch(() => undefined);
  });
}
