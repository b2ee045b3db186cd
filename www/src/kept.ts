import { cell } from "./cell";
import { recall, remember } from "./memory";

// By this, a database that the browser lost between two visits is told from one that never was.
const NAME = "has-work";

/** Whether there was work here when it was last looked at. */
export const hadWork = cell(recall(NAME) !== undefined);

/** Notes whether there is work here. */
export function noteWork(hasWork: boolean): void {
  hadWork.set(hasWork);
  remember(NAME, hasWork ? "1" : undefined);
}
