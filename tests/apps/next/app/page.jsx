import Visits from "./visits";

export default function Page() {
  return (
    <main>
      <h1>Visits</h1>
      <Visits />
    </main>
  );
}
