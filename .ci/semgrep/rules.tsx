// What the rules of rules.yml find in the console and what they leave alone; `semgrep test` compares. Never built.

export function Note({ text }: { text: string }) {
  // ruleid: html-is-escaped
  document.body.innerHTML = text;
  // ruleid: html-is-escaped
  const bold = <b dangerouslySetInnerHTML={{ __html: text }} />;
  // ok: html-is-escaped
  return <b>{text}{bold}</b>;
}
