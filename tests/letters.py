"""Every character there is, without the second that hypothesis takes to learn what UTF-8 can say."""

from hypothesis import strategies as st

ANY = st.characters(exclude_categories=["Cs"])
