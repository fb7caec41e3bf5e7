<?php

function show(mixed $value): void
{
}
