/** Put text on the clipboard. */

/** @returns Whether it worked: pages that came over plain HTTP from another machine may not. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
