<?php

function both(Countable&Traversable $value): void
{
}
