/** A component that is drawn again only when one of its props is another value. */
import { Component, type FunctionComponent } from "preact"

export const still = <P extends object>(Inner: FunctionComponent<P>) =>
  class Still extends Component<P> {
    override shouldComponentUpdate(next: Readonly<P>): boolean {
      const now = this.props as Readonly<P>
      for (const key in next) if (next[key] !== now[key]) return true
      return false
    }
    override render(props: P) {
      return <Inner {...props} />
    }
  }
