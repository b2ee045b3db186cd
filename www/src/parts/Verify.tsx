import type { VerifyReport } from "holdpoint";
import { useState } from "preact/hooks";
import { useAction } from "../action";
import { announce } from "../announce";
import { projectOf } from "../store";
import { count, number, visible } from "../text";
import { Button } from "./basics";
import { Note, ProblemBox } from "./ProblemBox";

/** Checks a project from its first entry to its last, and says what it found. */
export function Verify({ project, revision }: { project: string; revision: number }) {
  const action = useAction();
  const [report, setReport] = useState<VerifyReport>();
  const verify = (): void => {
    void action.run(async () => {
      const report = await (await projectOf(project)).verify();
      setReport(report);
      announce(report.clean ? "Verified: all is in order" : "Verified: damage was found");
    });
  };
  return (
    <section class="card" aria-labelledby="verify-head">
      <header class="card-head">
        <h2 id="verify-head">Integrity</h2>
        <Button icon="shield" onClick={verify} isBusy={action.isBusy} testId="verify">
          Verify
        </Button>
      </header>
      {!report && (
        <p class="muted small">
          Reads every entry, snapshot, row and body, and checks each digest.
        </p>
      )}
      <ProblemBox problem={action.problem} onDismiss={action.dismiss} />
      {report && (
        <div data-testid="verify-result" data-clean={report.clean}>
          {report.clean ? (
            <Note tone="good">
              <p>
                All is in order: {count(report.entries, "entry", "entries")},{" "}
                {count(report.snapshots, "snapshot")}, {count(report.rows, "row")} and{" "}
                {count(report.bodies, "body", "bodies")} are as they were written.
              </p>
              {report.entries < revision && (
                <p class="muted" data-testid="verify-is-old">
                  {count(revision - report.entries, "entry", "entries")} came since: verify again to
                  include them.
                </p>
              )}
            </Note>
          ) : (
            <div class="note note-bad" role="alert">
              <div class="note-text">
                <p>
                  {count(report.findings.length, "finding")}. The stored data is left untouched.
                </p>
                <ul class="findings">
                  {report.findings.map((finding, index) => (
                    <li key={index}>
                      <code class="code">{finding.kind}</code>{" "}
                      {finding.revision !== null && `revision ${number(finding.revision)}: `}
                      {visible(finding.message)}
                    </li>
                  ))}
                </ul>
              </div>
            </div>
          )}
        </div>
      )}
    </section>
  );
}
