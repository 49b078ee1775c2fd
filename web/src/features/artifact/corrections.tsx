/** What people know better than the file: pixel size, channels, colour. No byte of the dataset changes. */
import { type FormEvent, useId, useState } from "react";
import { setOverrides } from "../../api/overrides";
import type { Artifact, ElementOverrides, ImageElement, LabelsElement } from "../../api/types";
import { formatDate } from "../../lib/format";
import { Button } from "../../ui/button";
import { ErrorNotice } from "../../ui/notice";
import { Section } from "../../ui/section";
import { buildOverrides, type CorrectionForm, readForm } from "./correction-values";
import styles from "./corrections.module.css";
import { ChannelFields, SizeFields } from "./corrections-fields";

type Raster = ImageElement | LabelsElement;

export function Corrections({ artifact, onSaved }: { artifact: Artifact; onSaved: () => void }) {
  const rasters = artifact.content.elements.filter(
    (element): element is Raster => element.kind === "image" || element.kind === "labels",
  );
  const [openPath, setOpenPath] = useState<string | null>(null);
  const { changed_at, changed_by, elements = [] } = artifact.overrides;
  if (rasters.length === 0) return null;
  return (
    <Section title="Corrections">
      <p className={styles.hint}>
        {changed_at
          ? `Last changed by ${changed_by} on ${formatDate(changed_at)}. The stored data stay as they are.`
          : "Say what the file does not: pixel size, channel names, colours. The stored data stay as they are."}
      </p>
      <ul className={styles.elements}>
        {rasters.map((element) => (
          <li key={element.path}>
            {openPath === element.path ? (
              <Editor
                element={element}
                onClose={() => setOpenPath(null)}
                onSaved={onSaved}
                said={elements}
                uid={artifact.uid}
              />
            ) : (
              <Button onClick={() => setOpenPath(element.path)}>
                Correct {element.name}
                {elements.some(({ path }) => path === element.path) ? (
                  <span className={styles.mark}>corrected</span>
                ) : null}
              </Button>
            )}
          </li>
        ))}
      </ul>
    </Section>
  );
}

type EditorProps = {
  element: Raster;
  onClose: () => void;
  onSaved: () => void;
  said: readonly ElementOverrides[];
  uid: string;
};

function Editor({ element, onClose, onSaved, said, uid }: EditorProps) {
  const [initial] = useState(() => readForm(element));
  const [form, setForm] = useState<CorrectionForm>(initial);
  const [error, setError] = useState<unknown>(null);
  const [isSaving, setIsSaving] = useState(false);
  const titleId = useId();
  const before = said.find(({ path }) => path === element.path) ?? null;
  const others = said.filter(({ path }) => path !== element.path);

  async function save(build: () => readonly ElementOverrides[]) {
    setIsSaving(true);
    setError(null);
    try {
      await setOverrides(uid, build());
      onSaved();
    } catch (failure) {
      setError(failure);
      setIsSaving(false);
    }
  }

  function submit(event: FormEvent) {
    event.preventDefault();
    save(() => [...others, buildOverrides(element, before, initial, form)]);
  }

  return (
    <form aria-labelledby={titleId} className={styles.editor} onSubmit={submit}>
      <h3 id={titleId}>{element.name}</h3>
      <SizeFields element={element} form={form} onChange={setForm} />
      {element.kind === "image" && element.channels.length === 3 ? (
        <label className={styles.check}>
          <input
            checked={form.isRgb}
            onChange={(event) => setForm({ ...form, isRgb: event.target.checked })}
            type="checkbox"
          />
          One colour image: its channels are red, green and blue
        </label>
      ) : null}
      {form.channels.length > 0 && !form.isRgb ? <ChannelFields form={form} onChange={setForm} /> : null}
      {error ? <ErrorNotice error={error} title="Not saved" /> : null}
      <div className={styles.actions}>
        <Button disabled={isSaving} look="solid" type="submit">
          {isSaving ? "Saving …" : "Save"}
        </Button>
        <Button disabled={isSaving} onClick={onClose}>
          Cancel
        </Button>
        {before ? (
          <Button disabled={isSaving} onClick={() => save(() => others)}>
            Back to what the file says
          </Button>
        ) : null}
      </div>
    </form>
  );
}
