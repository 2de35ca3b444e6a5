"""Every character there is; not as UTF-8, which takes hypothesis a second or two to learn."""

from hypothesis import strategies as st

ANY = st.characters(exclude_categories=["Cs"])
