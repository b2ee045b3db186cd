import { useCell } from "../cell";
import { useLive } from "../live";
import { route, toInbox } from "../router";
import { store } from "../store";
import { count, number } from "../text";
import { Icon } from "./Icon";

/** The way to the inbox, with how many plans wait in it. */
export function InboxLink() {
  return useCell(store).phase === "ready" ? <Counted /> : <Link waiting={0} />;
}

function Counted() {
  const inbox = useLive(undefined, ["inbox"], (holdpoint) => holdpoint.inbox());
  return <Link waiting={inbox.data?.length ?? 0} />;
}

function Link({ waiting }: { waiting: number }) {
  const isHere = useCell(route).view === "inbox";
  return (
    <a
      class="nav-link"
      href={toInbox}
      aria-current={isHere ? "page" : undefined}
      data-testid="to-inbox"
      data-waiting={waiting}
    >
      <Icon name="inbox" /> Inbox
      {waiting > 0 && (
        <>
          <span class="nav-count" aria-hidden="true">
            {number(waiting)}
          </span>
          <span class="hidden">, {count(waiting, "decision")} to take</span>
        </>
      )}
    </a>
  );
}
