import { useCell } from "./cell";
import { Button, Loading } from "./parts/basics";
import { Missing } from "./parts/Missing";
import { ProblemBox } from "./parts/ProblemBox";
import { Shell } from "./parts/Shell";
import { Title } from "./parts/Title";
import { route } from "./router";
import { open, store } from "./store";
import { Compare } from "./views/Compare";
import { Context } from "./views/Context";
import { Figures } from "./views/Figures";
import { Home } from "./views/Home";
import { Inbox } from "./views/Inbox";
import { Plan } from "./views/Plan";
import { Project } from "./views/Project";

export function App() {
  return (
    <Shell>
      <Opened />
    </Shell>
  );
}

function Opened() {
  const state = useCell(store);
  if (state.phase === "opening") return <Loading what="Holdpoint" />;
  if (state.phase === "failed") {
    return (
      <div class="missing" data-testid="not-open">
        <Title text="Your work can’t be opened" />
        <ProblemBox problem={state.problem} />
        <Button kind="primary" onClick={() => void open()} testId="open-again">
          Try again
        </Button>
      </div>
    );
  }
  return <View />;
}

/** Each project and plan is a view of its own: nothing of one is ever seen in another. */
function View() {
  const at = useCell(route);
  switch (at.view) {
    case "home":
      return <Home key="home" />;
    case "project":
      return <Project key={at.project} id={at.project} />;
    case "inbox":
      return <Inbox key="inbox" />;
    case "figures":
      return <Figures key={`${at.project ?? ""}/figures`} project={at.project} />;
    case "context":
      return <Context key={`${at.project}/context`} id={at.project} />;
    case "compare":
      return <Compare key={`${at.project}/compare`} id={at.project} from={at.from} to={at.to} />;
    case "plan":
      return <Plan key={`${at.project}/${at.plan}`} project={at.project} id={at.plan} />;
    case "unknown":
      return <Missing title="No such page" text="The address leads to nothing here." />;
  }
}
