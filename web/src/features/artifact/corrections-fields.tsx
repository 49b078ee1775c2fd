/** The fields in which an image is corrected. */
import type { ImageElement, LabelsElement } from "../../api/types";
import { type ChannelForm, type CorrectionForm, listSpaceAxes, UNITS } from "./correction-values";
import styles from "./corrections.module.css";

type FieldsProps = { form: CorrectionForm; onChange: (form: CorrectionForm) => void };

export function SizeFields({ element, form, onChange }: FieldsProps & { element: ImageElement | LabelsElement }) {
  return (
    <fieldset className={styles.row}>
      <legend>Pixel size</legend>
      {listSpaceAxes(element)
        .reverse()
        .map((name) => (
          <label className={styles.size} key={name}>
            {name}
            <input
              inputMode="decimal"
              onChange={(event) => onChange({ ...form, sizes: { ...form.sizes, [name]: event.target.value } })}
              placeholder="unknown"
              value={form.sizes[name]}
            />
          </label>
        ))}
      <label className={styles.size}>
        <span className="visually-hidden">Unit</span>
        <select onChange={(event) => onChange({ ...form, unit: event.target.value })} value={form.unit}>
          {[...new Set([...UNITS, form.unit])].map((unit) => (
            <option key={unit}>{unit}</option>
          ))}
        </select>
      </label>
    </fieldset>
  );
}

export function ChannelFields({ form, onChange }: FieldsProps) {
  function change(index: number, values: Partial<ChannelForm>) {
    const channels = form.channels.map((channel, number) => (number === index ? { ...channel, ...values } : channel));
    onChange({ ...form, channels });
  }
  return (
    <fieldset className={styles.channels}>
      <legend>Channels</legend>
      {form.channels.map((channel, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: channels are known by their number; names change as one types
        <div className={styles.row} key={index}>
          <input
            aria-label={`Colour of channel ${index + 1}`}
            className={channel.color ? undefined : styles.colorless}
            onChange={(event) => change(index, { color: event.target.value })}
            title={channel.color ? undefined : "No colour of its own"}
            type="color"
            value={channel.color || "#ffffff"}
          />
          <input
            aria-label={`Name of channel ${index + 1}`}
            className={styles.name}
            onChange={(event) => change(index, { name: event.target.value })}
            value={channel.name}
          />
          <input
            aria-label={`Lowest intensity of channel ${index + 1}`}
            className={styles.number}
            inputMode="decimal"
            onChange={(event) => change(index, { low: event.target.value })}
            placeholder="low"
            value={channel.low}
          />
          <input
            aria-label={`Highest intensity of channel ${index + 1}`}
            className={styles.number}
            inputMode="decimal"
            onChange={(event) => change(index, { high: event.target.value })}
            placeholder="high"
            value={channel.high}
          />
        </div>
      ))}
    </fieldset>
  );
}
