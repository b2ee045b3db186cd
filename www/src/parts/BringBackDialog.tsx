import { useAction } from "../action";
import { visible } from "../text";
import type { DialogProps } from "./dialogs";
import { Form } from "./Form";
import { Modal } from "./Modal";

/** Asks whether what somebody has deleted is to come back from a file. */
export function BringBackDialog({
  name,
  onConfirm,
  onClose,
}: DialogProps & { name: string; onConfirm: () => void }) {
  const action = useAction();
  return (
    <Modal title="Bring back what was deleted" onClose={onClose} testId="bring-back-dialog">
      <p>
        Somebody deleted it here for good. From “<bdi>{visible(name, true)}</bdi>” it comes back as
        it was when the copy was saved, with all of its history and every text in it.
      </p>
      <Form
        action={action}
        onSubmit={() => {
          onClose();
          onConfirm();
        }}
        onCancel={onClose}
        submit={{ word: "Bring it back", icon: "back", testId: "bring-back-confirm" }}
      />
    </Modal>
  );
}
