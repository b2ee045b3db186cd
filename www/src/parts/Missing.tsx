import { adviceFor } from "../advice";
import { useCell } from "../cell";
import { wasEvicted } from "../problem";
import { toHome } from "../router";
import { Title } from "./Title";

/** Where something was, or where an address leads to nothing. */
export function Missing({ title, text }: { title: string; text: string }) {
  const isEvicted = useCell(wasEvicted);
  return (
    <div class="missing" data-testid="missing">
      <Title text={title} />
      <p class="lead">{isEvicted ? adviceFor("EVICTED") : text}</p>
      <a class="button button-primary" href={toHome}>
        To your work
      </a>
    </div>
  );
}
