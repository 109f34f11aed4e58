/** Catches what goes wrong while one pane is drawn, so that the others stay. */
import { Component, type ComponentChildren } from "preact"
import { at } from "../names.ts"
import { Button } from "./button.tsx"

export interface BoundaryProps {
  /** What the pane is, for the sentence: "The conversation". */
  readonly what: string
  readonly children: ComponentChildren
}

export class Boundary extends Component<BoundaryProps, { readonly failed: boolean }> {
  override state = { failed: false }

  override componentDidCatch() {
    this.setState({ failed: true })
  }

  override render() {
    if (!this.state.failed) return this.props.children
    return (
      <div class="empty">
        <h2>{this.props.what} could not be shown</h2>
        <p>Something went wrong while drawing it. Your messages are kept, and the rest of Sotto works.</p>
        <Button place={at.tryAgain} look="primary" onClick={() => this.setState({ failed: false })} />
      </div>
    )
  }
}
