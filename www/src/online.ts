import { cell } from "./cell";

export const isOnline = cell(navigator.onLine);

addEventListener("online", () => isOnline.set(true));
addEventListener("offline", () => isOnline.set(false));
