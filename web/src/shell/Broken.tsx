import Button from "@mui/material/Button";
import { Component, type ReactNode } from "react";
import { Page } from "@/parts/Page";

/** A mistake of one screen leaves the rest of the console standing. */
export class Broken extends Component<{ children: ReactNode }, { error: Error | null }> {
  override state: { error: Error | null } = { error: null };

  static getDerivedStateFromError(error: Error) {
    return { error };
  }

  override render() {
    const { error } = this.state;
    if (!error) return this.props.children;
    // A new release took the place of the files that this page would load.
    const isOld = /dynamically imported module|Importing a module script/.test(error.message);
    return (
      <Page title={isOld ? "There is a new release" : "This screen has a mistake"}>
        <div className="problem" role="alert">
          <div>
            <p>{isOld ? "Load the console again to go on with it." : "The rest of the console works. Loading again may help."}</p>
            {!isOld && <p className="faint small mono">{error.message}</p>}
          </div>
          <Button onClick={() => location.reload()}>Load again</Button>
        </div>
      </Page>
    );
  }
}
